select
    coalesce(link_method, 'none') as method,
    count(*) as interactions,
    count(linked_case_id) as links,
    count(*) filter (where is_right and true_case_id is not null) / nullif(count(linked_case_id), 0) as precision,
    count(*) filter (where is_right and true_case_id is not null) / nullif(count(true_case_id), 0) as recall
from judged
group by method
order by list_position(['case_attribute', 'contact_attribute', 'external_contact', 'account_attribute', 'phone', 'email', 'none'], method)
