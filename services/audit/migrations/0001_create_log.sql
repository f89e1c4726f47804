-- One append-only log for each tenant. The runtime role may insert and read here, and nothing else:
-- no UPDATE, no DELETE, no TRUNCATE. What may have to be erased stands apart, in entry_content and
-- outcome. Words in keys compare byte by byte (COLLATE "C"): a language's order is not wanted, and
-- comparing by it is a good part of what an insert costs. The policies read the setting in a
-- sub-select: once a statement and not once a row.

-- The entries, in order. `leaf` is what the tree commits to; the columns beside it only help to find
-- it and are never shown.
CREATE TABLE entry (
  tenant text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  event_id uuid NOT NULL,
  leaf text NOT NULL,
  leaf_hash bytea NOT NULL,
  subject_token text COLLATE "C",
  actor_token text COLLATE "C",
  method text COLLATE "C" NOT NULL,
  occurred_at timestamptz NOT NULL,
  sequenced_at timestamptz NOT NULL,
  PRIMARY KEY (tenant, sequence),
  CONSTRAINT event_is_logged_once UNIQUE (tenant, event_id),
  CONSTRAINT sequence_begins_at_zero CHECK (sequence >= 0),
  CONSTRAINT leaf_hash_has_32_bytes CHECK (octet_length(leaf_hash) = 32)
);
CREATE INDEX entry_by_subject ON entry (tenant, subject_token, sequence)
  WHERE subject_token IS NOT NULL;
CREATE INDEX entry_by_actor ON entry (tenant, actor_token, sequence) WHERE actor_token IS NOT NULL;
-- Entries arrive nearly in order of time, so that a block range index finds a period and costs an
-- insert next to nothing.
CREATE INDEX entry_by_time ON entry USING brin (occurred_at);
ALTER TABLE entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE entry FORCE ROW LEVEL SECURITY;
CREATE POLICY entry_of_tenant ON entry
  USING (tenant = (SELECT nullif(current_setting('waymark.tenant', true), '')));
GRANT SELECT, INSERT ON entry TO ${runtime};

-- Data keys, wrapped by the tenant's key.
CREATE TABLE content_key (
  tenant text COLLATE "C" NOT NULL,
  key_id integer NOT NULL,
  wrapping_version integer NOT NULL,
  wrapped bytea NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant, key_id)
);
ALTER TABLE content_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE content_key FORCE ROW LEVEL SECURITY;
CREATE POLICY content_key_of_tenant ON content_key
  USING (tenant = (SELECT nullif(current_setting('waymark.tenant', true), '')));
GRANT SELECT, INSERT ON content_key TO ${runtime};

-- Salt and content of each entry, encrypted. Deletable: without its row a leaf's commitment can no
-- longer be opened by anybody. No foreign key to entry: both are written in one transaction, and the
-- check of it would cost more than the insert.
CREATE TABLE entry_content (
  tenant text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  key_id integer NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (tenant, sequence)
);
ALTER TABLE entry_content ENABLE ROW LEVEL SECURITY;
ALTER TABLE entry_content FORCE ROW LEVEL SECURITY;
CREATE POLICY entry_content_of_tenant ON entry_content
  USING (tenant = (SELECT nullif(current_setting('waymark.tenant', true), '')));
GRANT SELECT, INSERT, DELETE ON entry_content TO ${runtime};

-- The coded outcome that closing a case left, under a pseudonym of its own; encrypted, deletable.
CREATE TABLE outcome (
  tenant text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  key_id integer NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (tenant, sequence)
);
ALTER TABLE outcome ENABLE ROW LEVEL SECURITY;
ALTER TABLE outcome FORCE ROW LEVEL SECURITY;
CREATE POLICY outcome_of_tenant ON outcome
  USING (tenant = (SELECT nullif(current_setting('waymark.tenant', true), '')));
GRANT SELECT, INSERT, DELETE ON outcome TO ${runtime};

-- A number that brought an event which was in the log already.
CREATE TABLE repeat (
  tenant text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  number bigint NOT NULL,
  event_id uuid NOT NULL,
  PRIMARY KEY (tenant, source, number)
);
ALTER TABLE repeat ENABLE ROW LEVEL SECURITY;
ALTER TABLE repeat FORCE ROW LEVEL SECURITY;
CREATE POLICY repeat_of_tenant ON repeat
  USING (tenant = (SELECT nullif(current_setting('waymark.tenant', true), '')));
GRANT SELECT, INSERT ON repeat TO ${runtime};

-- Roots of complete subtrees of 2^8, 2^16, 2^24 ... leaves: one row for 256 below it. Every other
-- node is at most 255 hashes away.
CREATE TABLE node (
  tenant text COLLATE "C" NOT NULL,
  level integer NOT NULL,
  position bigint NOT NULL,
  hash bytea NOT NULL,
  PRIMARY KEY (tenant, level, position),
  CONSTRAINT every_eighth_level_is_kept CHECK (level > 0 AND level % 8 = 0),
  CONSTRAINT hash_has_32_bytes CHECK (octet_length(hash) = 32)
);
ALTER TABLE node ENABLE ROW LEVEL SECURITY;
ALTER TABLE node FORCE ROW LEVEL SECURITY;
CREATE POLICY node_of_tenant ON node
  USING (tenant = (SELECT nullif(current_setting('waymark.tenant', true), '')));
GRANT SELECT, INSERT ON node TO ${runtime};

-- How far the tree has come, and its root there. Committed before it is signed: one root a size.
CREATE TABLE tree_head (
  tenant text COLLATE "C" NOT NULL,
  size bigint NOT NULL,
  root bytea NOT NULL,
  integrated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant, size),
  CONSTRAINT root_has_32_bytes CHECK (octet_length(root) = 32)
);
ALTER TABLE tree_head ENABLE ROW LEVEL SECURITY;
ALTER TABLE tree_head FORCE ROW LEVEL SECURITY;
CREATE POLICY tree_head_of_tenant ON tree_head
  USING (tenant = (SELECT nullif(current_setting('waymark.tenant', true), '')));
GRANT SELECT, INSERT ON tree_head TO ${runtime};

-- The signed notes. A row here is published.
CREATE TABLE checkpoint (
  tenant text COLLATE "C" NOT NULL,
  size bigint NOT NULL,
  note text NOT NULL,
  signed_at timestamptz NOT NULL,
  PRIMARY KEY (tenant, size),
  FOREIGN KEY (tenant, size) REFERENCES tree_head (tenant, size)
);
ALTER TABLE checkpoint ENABLE ROW LEVEL SECURITY;
ALTER TABLE checkpoint FORCE ROW LEVEL SECURITY;
CREATE POLICY checkpoint_of_tenant ON checkpoint
  USING (tenant = (SELECT nullif(current_setting('waymark.tenant', true), '')));
GRANT SELECT, INSERT ON checkpoint TO ${runtime};
