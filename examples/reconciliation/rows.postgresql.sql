-- The rows of one day, as far_side.py reads them. In the national front database a row's cd_time is the moment in which the hub
-- accepted the message, so it decides the day; times are written in Beijing time. Run with: psql -v day=2026-03-02 -f …
COPY (
    SELECT project_no                                                    AS case_no,
           org_code                                                      AS department,
           to_char(accept_date, 'YYYY-MM-DD"T"HH24:MI:SS') || '+08:00'   AS accepted_at,
           CASE project_type WHEN '1' THEN 'accepted' ELSE 'refused' END AS decision
    FROM up_pro_accept
    WHERE cd_time >= DATE :'day' AND cd_time < DATE :'day' + 1 AND cd_operation <> 'D'
) TO STDOUT WITH (FORMAT csv, HEADER)
