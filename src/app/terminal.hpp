#pragma once
// What a person sees: lines of a process that must not wait for its reader, and of long work a bar on stderr when it
// is a terminal, nothing otherwise.
#include <string>

namespace voltage::app {

// A line on standard output, from any thread. It never waits and never fails: a reader that is slow (a terminal that
// was stopped), gone (a pipe) or full (a file on a full disk) costs lines, and how many is said when it reads again.
// From the first one on a reader that goes does not end the process.
void tell(std::string line);
// Waits until what was told is written, but not for long. Before anything else is printed.
void tell_out();

class ProgressBar {
 public:
  explicit ProgressBar(std::string what);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void show(const std::string& step, double done);  // done in [0, 1]
  void clear();

 private:
  std::string what_;
  bool terminal_;
  int last_permille_{-1};
  bool shown_{false};
};

}  // namespace voltage::app
