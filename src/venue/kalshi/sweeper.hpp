#pragma once
// Takes our resting orders off the venue: lists what rests, then cancels by group where the whole group is ours
// (one request, and the group takes no more) and by id in batches. A foreign order is listed, counted and left
// alone. One pass at a time; the caller asks again until nothing of ours is listed, since lists lag the engine.
// cancel_all() is the venue's own and hits everything: the last resort.
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "venue/kalshi/ownership.hpp"
#include "venue/kalshi/portfolio.hpp"
#include "venue/kalshi/signed_rest.hpp"

namespace voltage::venue::kalshi {

struct SweepResult {
  bool listed{false};  // false: the venue could not be asked, `why` says why
  std::vector<Order> ours, foreign;
  std::int64_t cancelled{0}, groups{0}, failed{0};
  std::string why;  // the first thing that went wrong
};

class Sweeper {
 public:
  // Both outlive the sweeper. Callbacks come on the loop's thread.
  Sweeper(SignedRest& rest, Ownership ownership);
  ~Sweeper();

  bool busy() const;
  // `still` is asked between the list and the cancels: what was to be swept may be looked after again by then.
  void sweep(std::function<void(const SweepResult&)> done, std::function<bool()> still = {});  // CHECKs !busy()
  void list(std::function<void(const SweepResult&)> done);  // the same without a cancel
  void cancel_all(std::function<void(bool ok, const std::string& why)> done);

  struct Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace voltage::venue::kalshi
