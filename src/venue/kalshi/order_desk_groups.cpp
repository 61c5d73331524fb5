// The order groups of a run: made before the first order, triggered by a kill, deleted when they are empty for good.
#include <algorithm>

#include <fmt/format.h>

#include "io/json_writer.hpp"
#include "venue/kalshi/order_desk.hpp"

namespace voltage::venue::kalshi {
namespace {

constexpr int kDropsMax = 3;

}  // namespace

// Empty: no group is wanted, or the contract's shard is not known and the venue routes it.
std::string OrderDesk::group_of(const market::Contract& contract) const {
  const auto found = groups_.find(contract.exchange_index);
  return found == groups_.end() ? std::string{} : found->second.id;
}

void OrderDesk::kill() {
  for (auto& [shard, group] : groups_) {
    if (!group.id.empty()) triggers_.push_back({.shard = shard, .id = group.id});
    const bool asking = group.asking;  // the one on its way is not wanted any more
    group = {};
    group.wanted = false;
    group.asking = asking;
  }
}

// A trigger is the venue's own kill switch: it leaves whatever the rate limit says. A group goes when nothing that was
// sent into it can still arrive: into one that is gone an order might come as one without a group.
void OrderDesk::flush_triggers() {
  for (auto& t : triggers_) {
    if (!t.due || (t.triggered && in_use(t.id))) continue;
    t.due = false;
    const std::string id = net::percent_encoded(t.id);
    const std::string way = fmt::format("?exchange_index={}", t.shard);
    if (t.triggered)
      send({Kind::drop_group, {}, t.shard, false, t.id}, {"DELETE", fmt::format("{}/{}{}", kGroups, id, way), "", {}});
    else
      send({Kind::trigger, {}, t.shard, false, t.id},
           {"PUT", fmt::format("{}/{}/trigger{}", kGroups, id, way), "{}", {}});
  }
}

bool OrderDesk::in_use(const std::string& group) const {
  return std::any_of(orders_.begin(), orders_.end(),
                     [&](const auto& o) { return o.second.group == group && o.second.state != State::done; });
}

bool OrderDesk::tidy() const {
  return triggers_.empty() &&
         std::none_of(groups_.begin(), groups_.end(), [](const auto& g) { return g.second.asking; });
}

std::vector<OrderDesk::GroupKept> OrderDesk::groups() const {
  std::vector<GroupKept> out;
  for (const auto& [shard, group] : groups_) {
    if (!group.id.empty()) out.push_back({shard, group.id});
  }
  for (const auto& t : triggers_) out.push_back({t.shard, t.id});
  return out;
}

void OrderDesk::look_after_groups(Time now) {
  for (auto& t : triggers_) {
    if (!t.send_at || now < *t.send_at) continue;
    t.due = true;
    t.send_at.reset();
  }
  make_groups(now);
}

void OrderDesk::make_groups(Time now) {
  for (auto& [shard, group] : groups_) {
    if (!group.wanted || group.asking || !group.id.empty() || now < group.ask_at) continue;
    if (!take_tokens(kCreateCost, rules_.cancel_reserve, now)) continue;
    group.asking = true;
    io::JsonWriter w;
    w.begin_object().qty("contracts_limit_fp", rules_.group_limit).integer("exchange_index", shard).end_object();
    send({Kind::make_group, {}, shard}, {"POST", fmt::format("{}/create", kGroups), w.take(), {}});
  }
}

void OrderDesk::on_group(const Flight& flight, int status, std::string_view body, Time now) {
  // Not there any more: what stood in it was cancelled with it.
  const bool done = status / 100 == 2 || status == 404;
  if (flight.kind == Kind::drop_group && done) {
    std::erase_if(triggers_, [&](const Trigger& t) { return t.id == flight.group; });
    return;
  }
  if (flight.kind == Kind::trigger && done) {
    for (auto& t : triggers_) {
      if (t.id == flight.group) t.triggered = t.due = true;
    }
    return;
  }
  const auto id = status == 201 ? decode_group_id(body) : Result<std::string>{fail("")};
  if (flight.kind != Kind::make_group || !id) return group_unanswered(flight, code_of(status, body), now);
  Group& group = groups_[flight.shard];
  group.asking = false;
  // Killed meanwhile.
  if (!group.wanted) return triggers_.push_back({.shard = flight.shard, .id = *id});
  group = {};
  group.id = *id;
}

// One more of a group that nobody knows of is empty and harms nobody; a second trigger changes nothing.
void OrderDesk::group_unanswered(const Flight& flight, const std::string& why, Time now) {
  if (flight.kind != Kind::make_group) {
    for (auto& t : triggers_) {
      if (t.id != flight.group) continue;
      t.send_at = now + rules_.look_again;
      t.drops += flight.kind == Kind::drop_group;
    }
    std::erase_if(triggers_, [](const Trigger& t) { return t.drops >= kDropsMax; });
    return;
  }
  Group& group = groups_[flight.shard];
  group.asking = false;
  group.ask_at = now + rules_.look_again;
  group.why = "could not be made: " + why;
}

}  // namespace voltage::venue::kalshi
