// Replays journals with the core alone: no model library, no network, no command line library. Small enough to be
// built by another compiler in a few minutes: tools/compilers-agree.sh shows with it that g++ and clang give the same
// bytes. Exit 0: every run is equal to the last byte.
#include <cstdio>

#include "app/journal/replay.hpp"

int main(int argc, char** argv) {
  bool equal = argc > 1;
  for (int i = 1; i < argc; ++i) {
    const auto report = voltage::app::journal::replay(argv[i]);
    if (!report) {
      std::fprintf(stderr, "%s\n", report.error().message.c_str());
      return 1;
    }
    const auto& d = report->difference;
    std::printf("%s: %llu events, %llu effects, %s\n", report->manifest.run.c_str(),
                static_cast<unsigned long long>(report->events), static_cast<unsigned long long>(report->effects),
                d ? ("differs at seq " + std::to_string(d->seq) + ": " + d->what).c_str() : "equal to the last byte");
    equal = equal && !d;
  }
  return equal ? 0 : 1;
}
