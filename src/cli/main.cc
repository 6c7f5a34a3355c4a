#include "cli/run.h"

int main(int count, char** words) {
  return chanspect::cli::run(chanspect::cli::Words(words + (count > 0 ? 1 : 0), words + count));
}
