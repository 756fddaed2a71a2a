-- the same, each digest of a day once, as it was received last: what is told again unchanged changes nothing
select source, start_day, digest, max({received_at: received_at, origin: origin}) as last
from held
group by source, start_day, digest
