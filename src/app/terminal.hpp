#pragma once
// What a person sees of long work: a bar on stderr when it is a terminal, nothing otherwise.
#include <string>

namespace voltage::app {

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
