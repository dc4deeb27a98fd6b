-- Of a message that the routes refused: what they asked about it, so that another table can be tried on it. Codes only, never the
-- record: {"version", "region", "item", "department", "level", "channel", "odd", "table"}. Null: it was refused for another reason.
alter table refusal add column routing text;
