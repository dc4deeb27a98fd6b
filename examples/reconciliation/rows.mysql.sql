-- The same for MySQL and MariaDB: mysql --batch --raw … prints tabs, so let Python write the CSV:
--   mysql --batch … -e "SET @day='2026-03-02'; SOURCE rows.mysql.sql" |
--     python3 -c 'import csv,sys; csv.writer(sys.stdout).writerows(l.rstrip("\n").split("\t") for l in sys.stdin)'
SELECT project_no                                                      AS case_no,
       org_code                                                        AS department,
       CONCAT(DATE_FORMAT(accept_date, '%Y-%m-%dT%H:%i:%s'), '+08:00') AS accepted_at,
       CASE project_type WHEN '1' THEN 'accepted' ELSE 'refused' END   AS decision
FROM up_pro_accept
WHERE cd_time >= @day AND cd_time < @day + INTERVAL 1 DAY AND cd_operation <> 'D';
