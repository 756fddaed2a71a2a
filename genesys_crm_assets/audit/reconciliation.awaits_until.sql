-- up to which of their days awaited tables may still change the day's comparisons
-- Whether it is final depends on CRM days up to it; what changed after Salesforce was asked for its totals is compared with nothing.
select greatest($day, cast(max(observed_at) filter (where comparison = 'cases') as date)) as awaits_until from result
