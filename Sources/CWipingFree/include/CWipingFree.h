#pragma once
/* 1 where the wiping free is linked in. Naming it is what keeps the linker from leaving the object file out. */
int wiping_free_is_in_force(void);
