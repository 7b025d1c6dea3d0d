/* SPDX-License-Identifier: Apache-2.0 */
#include "interrupt.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

/* A signal handler has no argument to find its state by, so this is the program's one variable.
 * Lock-free, so a handler may store it, and a scan's threads may read it. */
static atomic_int interrupted;

static void on_signal(int number)
{
    (void)number;
    atomic_store(&interrupted, 1);
}

void fse_catch_interrupts(void)
{
    /* Without SA_RESTART, so that a read from a terminal or pipe ends too. */
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    action = (struct sigaction){.sa_handler = SIG_IGN};
    sigemptyset(&action.sa_mask);
    sigaction(SIGPIPE, &action, NULL);
}

bool fse_interrupted(void)
{
    return atomic_load(&interrupted) != 0;
}
