#pragma once
// CHECK(condition): a programmer error, on in every build. It prints the place and aborts: a broken
// invariant in the money path must stop the process, not be logged and traded over.
#include <cstdio>
#include <cstdlib>

#define CHECK(condition)              \
  ((condition) ? static_cast<void>(0) \
               : (std::fprintf(stderr, "CHECK failed at %s:%d: %s\n", __FILE__, __LINE__, #condition), std::abort()))
