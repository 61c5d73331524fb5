#pragma once
// What a run knows of the time before it: the bars that were over when it came, for the models alone and kept beside
// the journal for whoever asks the model again; and how far their minutes are filled in while it runs, told in lines.
#include <optional>
#include <string>
#include <vector>

#include "event/event.hpp"
#include "venue/kraken/minute_fill.hpp"

namespace voltage::app::live {

class PastBars {
 public:
  // True: from before `start` and after all bars so far. Bars that fill in the past are events of the run.
  bool takes(const event::CandleClosed& bar, Time start);
  // Writes what came since the last call into the run's folder; empty: none is kept.
  void keep(const std::string& folder);
  // A line when a person should hear: at the first word, at each further tenth, at the end.
  std::optional<std::string> line(const venue::kraken::Filling& filling);

 private:
  std::vector<event::CandleClosed> bars_;
  std::size_t kept_{0};
  Time until_{};
  std::optional<int> tenths_told_;
};

}  // namespace voltage::app::live
