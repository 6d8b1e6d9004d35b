-- Open cases with one open deadline each: one rung before due, one at due. `now()` is the business time here.
INSERT INTO "case" (number, procedure, policy_id, subject, party_id, input, reported_at, opened_at, opened_by)
SELECT 'BQ-2026-' || lpad(n::text, 7, '0'), 'BQ', (SELECT max(id) FROM policy_version), 'S' || n,
       (SELECT id FROM party WHERE code = CASE mod(n, 3) WHEN 0 THEN 'D-01' WHEN 1 THEN 'D-02' ELSE 'D-03' END),
       '{"dealer": "D-01", "product": "LX-019", "batch": "MH260901A", "faulty_pieces": 5, "fault": "does not light",
         "reported_at": "2026-11-01T09:00:00+08:00", "reported_by": "Mr He", "registered_by": "li.na",
         "separate": false}',
       now() - interval '1 day', now() - interval '1 day', (SELECT id FROM person WHERE login = 'li.na')
FROM generate_series(1, %(number)s) n;
INSERT INTO deadline (case_id, key, limit_path, amount, unit, calendar_id, line, counts_from, last_day, passing, ladder,
                      started_at, due_at, next_rung_at)
SELECT c.id, 'recall-scope', 'batch_quality.recall_scope', 5, %(unit)s,
       (SELECT max(id) FROM calendar_version), '["C-01"]', 'event', 'kept', 'rungs_only',
       '[{"at": "80%%", "to": "assignee"}, {"at": "100%%", "to": "cs_manager"}]',
       c.reported_at, date_trunc('day', c.reported_at, 'Asia/Shanghai') + interval '6 days',
       c.reported_at + 0.8 * (date_trunc('day', c.reported_at, 'Asia/Shanghai') + interval '6 days' - c.reported_at)
FROM "case" c;
INSERT INTO running_interval (deadline_id, number, started_at, started_by, holder_id, reason, stopped_by)
SELECT d.id, 1, d.started_at, '', (SELECT id FROM party WHERE kind = 'company'), '', '' FROM deadline d;
INSERT INTO task (ref, case_id, key, round, role, form, facts, state, opened_at, awaited, deadline_id)
SELECT c.number || ':recall-scope:1', c.id, 'recall-scope', 1, 'cs_manager', 'RecallScope',
       '{"recall": {"DN-2026-0001": 120}}', 'open', c.opened_at, true, d.id
FROM "case" c JOIN deadline d ON d.case_id = c.id;
