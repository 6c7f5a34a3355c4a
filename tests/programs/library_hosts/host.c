// A program in C that loads a library of Go: host LIBRARY N
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int count, char **words) {
  void *library = dlopen(words[1], RTLD_NOW);
  if (count != 3 || library == NULL) {
    fprintf(stderr, "host: %s\n", count == 3 ? dlerror() : "host LIBRARY N");
    return 1;
  }
  void (*begin)(int) = (void (*)(int))dlsym(library, "Begin");
  begin(atoi(words[2]));
  for (;;) pause();
}
