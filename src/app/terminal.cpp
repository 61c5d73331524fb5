#include "app/terminal.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

namespace voltage::app {

ProgressBar::ProgressBar(std::string what) : what_{std::move(what)}, terminal_{::isatty(STDERR_FILENO) == 1} {}
ProgressBar::~ProgressBar() {
  clear();
}

void ProgressBar::show(const std::string& step, double done) {
  const int permille = static_cast<int>(1000 * std::clamp(done, 0.0, 1.0));
  if (!terminal_ || permille == last_permille_) return;
  last_permille_ = permille;
  shown_ = true;
  const auto filled = static_cast<std::size_t>(permille) * 30 / 1000;
  fmt::print(stderr, "\r\033[K{} [{}{}] {:5.1f} % {}", what_, std::string(filled, '#'), std::string(30 - filled, '.'),
             permille / 10.0, step);
  std::fflush(stderr);
}

void ProgressBar::clear() {
  if (shown_) fmt::print(stderr, "\r\033[K");
  shown_ = false;
}

}  // namespace voltage::app
