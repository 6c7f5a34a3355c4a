// A program in C with a library of Go in it (-buildmode=c-archive): linked N
#include <stdlib.h>
#include <unistd.h>

extern void Begin(int);

int main(int count, char **words) {
  Begin(count > 1 ? atoi(words[1]) : 1);
  for (;;) pause();
}
