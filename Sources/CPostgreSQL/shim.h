#pragma once
#include <libpq-fe.h>
/* Diagnostics' field codes are character constants, which Swift imports as no type that the calls take. */
static inline const char *shim_PQerror_code(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_SQLSTATE);
}
static inline const char *shim_PQerror_primary(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
}
static inline const char *shim_PQerror_table(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_TABLE_NAME);
}
static inline const char *shim_PQerror_constraint(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
}
/* Notices would go to standard error. */
static inline void shim_PQignore_notice(void *context, const PGresult *notice) {
    (void)context;
    (void)notice;
}
static inline void shim_PQignore_notices(PGconn *connection) {
    PQsetNoticeReceiver(connection, shim_PQignore_notice, NULL);
}
