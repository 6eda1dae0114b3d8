#pragma once
#include <mysql.h>
#include <errmsg.h>
#include <mysqld_error.h>
/* Types of columns that hold whole numbers. */
static inline int shim_is_number(const MYSQL_FIELD *field) {
    switch (field->type) {
    case MYSQL_TYPE_TINY:
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_LONGLONG:
    case MYSQL_TYPE_YEAR:
        return 1;
    default:
        return 0;
    }
}
/* Types of columns that hold text or bytes. */
static inline int shim_is_string(const MYSQL_FIELD *field) {
    switch (field->type) {
    case MYSQL_TYPE_VARCHAR:
    case MYSQL_TYPE_VAR_STRING:
    case MYSQL_TYPE_STRING:
    case MYSQL_TYPE_BLOB:
    case MYSQL_TYPE_TINY_BLOB:
    case MYSQL_TYPE_MEDIUM_BLOB:
    case MYSQL_TYPE_LONG_BLOB:
    case MYSQL_TYPE_JSON:
        return 1;
    default:
        return 0;
    }
}
