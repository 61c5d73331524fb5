#include "model/admission.hpp"

#include <cmath>

#include <fmt/format.h>

#include "base/time.hpp"
#include "features/schema.hpp"

namespace voltage::model {
namespace {

// Empty, or why no number of this bundle can be believed.
std::string unsoundness(const forecast::Bundle& bundle) {
  for (std::size_t node = 0; node < forecast::kNodes; ++node) {
    double sum = 0;
    for (std::size_t m = 0; m < forecast::kMembers; ++m) {
      const double w = bundle.weights[node][m];
      if (!(w >= 0 && w <= 1)) return fmt::format("weight {} of {} is not in [0, 1]", w, forecast::kMemberNames[m]);
      sum += w;
    }
    if (std::abs(sum - 1) > 1e-6) {
      return fmt::format("the weights at {} minutes sum to {}, not to 1", forecast::kNodeMinutes[node], sum);
    }
  }
  const auto& f = bundle.facts;
  if (f.trained_to < f.trained_from || f.expires < f.trained_to) return "its times are not in order";
  return {};
}

}  // namespace

Result<std::string> admit(const forecast::Bundle& bundle, Time now, Use use) {
  const auto& f = bundle.facts;
  if (f.schema_hash != features::schema_hash()) {
    return fail(fmt::format("the model's schema_hash {} is not this build's {}: the features differ, train again",
                            f.schema_hash, features::schema_hash()));
  }
  if (const auto wrong = unsoundness(bundle); !wrong.empty())
    return fail("the model is not sound: " + wrong + "; train again");
  if (use == Use::trading && now < f.trained_to) {
    return fail(fmt::format("the model has seen bars up to {}, but it is {}: the clock or the model is wrong",
                            format_iso(f.trained_to), format_iso(now)));
  }
  if (now < f.expires) return std::string{};
  const auto out_of_date =
      fmt::format("the model's expiry was {}: for {} it is out of date", format_iso(f.expires), format_iso(now));
  if (use == Use::trading) return fail(out_of_date + "; train a new one (voltage train)");
  return out_of_date + " (paper and live would refuse it)";
}

}  // namespace voltage::model
