#pragma once
// The content watchdog: five of our one-minute bars, made of trades, must equal the venue's own five-minute
// bar, digit for digit (open, high, low, close, volume, number of trades). Where they differ the trades are
// fetched again; Kraken calls its trade tape the official data, so what those say is the truth, and either our
// bars or the venue's were wrong. Pure.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "venue/kraken/candle_builder.hpp"
#include "venue/kraken/frame.hpp"

namespace voltage::venue::kraken {

class BarAudit {
 public:
  enum class Verdict : std::uint8_t { equal, different, silent };
  struct Finding {
    Time begin{};
    Verdict verdict{};
  };

  // A subscription was acknowledged: what was said before counts no more, and every bar that begins from now
  // on must come.
  void subscribed(Time now);
  void heard(const CandleRow& row);  // rows of other intervals are passed over
  // The next five minutes that are over and were not judged; none while they can't be. Blocks that can't be
  // judged at all (the venue's bar was sent on another connection) are passed over.
  std::optional<Finding> next(const CandleBuilder& ours, Time now);

 private:
  std::map<Time, CandleRow> theirs_;
  Time subscribed_{};
  Time next_{};
};

// The trades of five minutes once more, by REST.
class Recheck {
 public:
  explicit Recheck(Time begin) : begin_{begin}, cursor_ns_{begin.ns} {}
  Time begin() const { return begin_; }
  std::string target() const;
  // Takes a page. True: all five minutes are known. Fails where ids are not contiguous.
  Result<bool> answer(const Trades& page);
  // After that: corrects what differs, and says how many bars did.
  int correct(CandleBuilder& ours) const;

 private:
  Time begin_;
  std::int64_t cursor_ns_;
  std::optional<std::int64_t> last_id_;
  CandleBuilder truth_;
};

}  // namespace voltage::venue::kraken
