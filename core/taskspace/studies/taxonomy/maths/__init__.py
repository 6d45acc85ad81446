"""Win rates, affinities, intervals, floors: functions of arrays, without a job."""
