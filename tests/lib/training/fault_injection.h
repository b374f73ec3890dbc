#pragma once
// Makes the n-th system call that changes files fail, or the process die there: with every n in turn, every moment of a protocol
// is met.

namespace strata::testing {

struct Fault {
  int at = 0;  // counted from 1 over open to write, write, pwrite, fsync, close of what was opened to write, rename, link, mkdir
               // and unlink together, of all threads
  int error = 0;            // errno of the failing call; 0: SIGKILL, in the middle of the data where the call is a write
  bool only_syncs = false;  // fsync alone is counted and struck
};

// From now on calls of this process are counted and the fault strikes once. Links into a test program take the place of libc's
// functions.
void arm(const Fault& fault);
// Gives the number of calls since arm().
int disarm();

}  // namespace strata::testing
