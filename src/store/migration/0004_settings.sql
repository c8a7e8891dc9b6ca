-- What a store decides for itself. A store without a row has the defaults; its
-- time zone and currency stay in its own row.

create table settings (
    store {bigint} not null primary key,
    id {text} not null,
    version {bigint} not null,
    created_at {bigint} not null,
    updated_at {bigint} not null,
    body {text} not null
) {strict};
