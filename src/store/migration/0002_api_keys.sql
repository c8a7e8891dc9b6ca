-- What a key may do, and what tells it from others when keys are listed.

alter table api_keys add column scope {text} not null default 'full';

alter table api_keys add column name {text};

-- How the key begins and ends; never enough to guess it.
alter table api_keys add column hint {text};

alter table api_keys add column expires_at {bigint};
