-- An act in one round trip: the answer to its request id, cases, events, parts and outbox rows. A
-- function and not a statement sent each time, because PostgreSQL keeps a function's plans for as long
-- as a connection lives, through PgBouncer too: parsing and planning cost half of a call. It runs with
-- the rights of who calls it, so row-level security holds as for any statement.
--
-- Nothing but the claim is written when the request id was there already; then `answer` is what the
-- first one stored. Arrays run in parallel, one element a row; every case has one event.
CREATE FUNCTION write_act(
  of_tenant text, by_caller text, by_method text, by_request uuid, by_sha256 bytea, new_answer bytea,
  claimed_at timestamptz,
  case_ids uuid[], versions bigint[], states smallint[], opened timestamptz[], closed timestamptz[],
  subjects uuid[], subject_kinds smallint[], jurisdictions smallint[], protocol_keys text[],
  protocol_versions integer[], assigned text[], key_versions integer[], wrapped_keys bytea[],
  bodies bytea[], parts_versions bigint[],
  acted_at timestamptz, event_ids uuid[], events bytea[], events_apart bytea[],
  events_apart_versions integer[], events_apart_keys bytea[],
  part_cases uuid[], part_fields text[], part_versions bigint[], part_key_versions integer[],
  part_keys bytea[], part_bodies bytea[],
  destinations text[], message_ids uuid[], payloads bytea[],
  OUT first_time boolean, OUT same_request boolean, OUT answer bytea, OUT saved bigint)
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO idempotency_key AS k
    (tenant, caller, method, request_id, request_sha256, response, created_at, touched_at)
    VALUES (of_tenant, by_caller, by_method, by_request, by_sha256, new_answer, claimed_at, claimed_at)
    ON CONFLICT (tenant, caller, method, request_id) DO UPDATE
      SET touched_at = excluded.touched_at, answers = k.answers + 1
    RETURNING k.answers = 1, k.request_sha256 = by_sha256, k.response
    INTO first_time, same_request, answer;
  IF NOT first_time THEN
    RETURN;
  END IF;
  answer := NULL;  -- who sent it has it

  INSERT INTO case_record AS r (tenant, case_id, version, state, opened_at, closed_at, subject_id,
      subject_kind, jurisdiction, protocol_key, protocol_version, assigned_to, key_version,
      wrapped_key, body, parts_version)
    SELECT of_tenant, c.* FROM unnest(case_ids, versions, states, opened, closed, subjects,
      subject_kinds, jurisdictions, protocol_keys, protocol_versions, assigned, key_versions,
      wrapped_keys, bodies, parts_versions) AS c
    ON CONFLICT (tenant, case_id) DO UPDATE SET version = excluded.version,
      state = excluded.state, closed_at = excluded.closed_at,
      protocol_version = excluded.protocol_version, assigned_to = excluded.assigned_to,
      key_version = excluded.key_version, wrapped_key = excluded.wrapped_key,
      body = excluded.body, parts_version = excluded.parts_version
      WHERE r.version = excluded.version - 1;
  GET DIAGNOSTICS saved = ROW_COUNT;

  INSERT INTO case_event (tenant, case_id, case_version, event_id, recorded_at, body, held_apart,
      apart_key_version, apart_wrapped_key)
    SELECT of_tenant, e.case_id, e.version, e.event_id, acted_at, e.body, e.held_apart,
      e.key_version, e.wrapped_key
    FROM unnest(case_ids, versions, event_ids, events, events_apart, events_apart_versions,
      events_apart_keys)
      AS e(case_id, version, event_id, body, held_apart, key_version, wrapped_key);

  IF cardinality(part_cases) > 0 THEN
    INSERT INTO case_part (tenant, case_id, field, version, key_version, wrapped_key, body)
      SELECT of_tenant, p.* FROM unnest(part_cases, part_fields, part_versions, part_key_versions,
        part_keys, part_bodies) AS p
      ON CONFLICT (tenant, case_id, field) DO UPDATE SET version = excluded.version,
        key_version = excluded.key_version, wrapped_key = excluded.wrapped_key,
        body = excluded.body;
  END IF;

  INSERT INTO outbox (tenant, destination, event_id, payload)
    SELECT of_tenant, m.* FROM unnest(destinations, message_ids, payloads) AS m;
END $$;
REVOKE ALL ON FUNCTION write_act FROM PUBLIC;
GRANT EXECUTE ON FUNCTION write_act TO ${runtime};
