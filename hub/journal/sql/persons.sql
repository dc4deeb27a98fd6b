-- name: cases_of_person
select case_no from personal_index where hash = $1 and kind = $2 and case_no > $3 order by case_no limit $4;
