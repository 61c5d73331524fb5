// voltage rekey: another key for a trader and a guard that go on running.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/commands/commands.hpp"
#include "app/guard/config.hpp"
#include "app/keys/key_offer.hpp"
#include "io/atomic_file.hpp"

namespace voltage::app {
namespace {

constexpr auto kPatience = std::chrono::seconds{60};

volatile std::sig_atomic_t told_to_stop = 0;

struct Options {
  std::string config, control, key_id, key_file;
};

// The offer is taken back whatever happens, also when a person has enough of waiting.
class Offer {
 public:
  explicit Offer(std::string control) : control_{std::move(control)} {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, [](int) { told_to_stop = 1; });
  }
  ~Offer() { keys::take_back(control_); }
  Offer(const Offer&) = delete;
  Offer& operator=(const Offer&) = delete;

 private:
  std::string control_;
};

bool has_looked(const keys::Signs& s, const std::string& offer) {
  return s.offer == offer;
}

std::vector<keys::Signs> wait_for_all(const std::string& control, const std::string& offer) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    auto all = keys::who_signs(control);
    const bool done = std::all_of(all.begin(), all.end(), [&](const auto& s) { return has_looked(s, offer); });
    if (done || told_to_stop != 0 || std::chrono::steady_clock::now() > until) return all;
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
  }
}

Result<int> rekey(const Options& o) {
  std::string control = o.control;
  if (control.empty() && o.config.empty()) return fail("--config or --control is needed: whose key?");
  if (control.empty()) {
    const auto config = guard::read_config(o.config);
    if (!config) return tl::unexpected(config.error());
    control = config->control;
  }
  if (o.key_id.empty() || o.key_id.find_first_of(" \t\r\n") != std::string::npos)
    return fail("--key-id: '" + o.key_id + "' is no id of a key");
  if (const auto key = venue::kalshi::Key::read(o.key_file); !key) return tl::unexpected(key.error());
  const auto pem = io::read_file(o.key_file);
  if (!pem) return tl::unexpected(pem.error());
  if (keys::who_signs(control).empty())
    return fail(control + ": neither a trader nor a guard runs here; the key of the configuration serves their start");
  const auto offer = keys::make_offer(control, o.key_id, *pem);
  if (!offer) return tl::unexpected(offer.error());
  const Offer there{control};
  bool all = true;
  for (const auto& s : wait_for_all(control, *offer)) {
    const std::string why = has_looked(s, *offer) ? s.refused : "no answer so far";
    all = all && why.empty();
    fmt::print("{} (pid {}): {}\n", s.who, s.pid,
               why.empty() ? "signs with " + s.key_id : "keeps " + s.key_id + ": " + why);
  }
  if (!all) return fail("not every process took the key; the one in use must stay valid");
  fmt::print("Put the new id and file into the configuration for the next start, then revoke the old key.\n");
  return 0;
}

}  // namespace

Command add_rekey(CLI::App& root) {
  auto o = std::make_shared<Options>();
  auto* c = root.add_subcommand("rekey", "Give a running trader and its guard another key, without a restart");
  c->add_option("--config", o->config, "the configuration that live and guard read too (TOML)");
  c->add_option("--control", o->control, "the control folder; default: the configuration's");
  c->add_option("--key-id", o->key_id, "the new key's id")->required();
  c->add_option("--key-file", o->key_file, "its private key, PEM, mode 0600")->required();
  c->footer(
      "Each proves at the venue that the key opens the same account before it signs with it; one that can't keeps the\n"
      "old one. Exit 1 unless all took it.\n\n"
      "Example: voltage rekey --config live.toml --key-id 3f2a… --key-file new.pem");
  return {c, [o] { return rekey(*o); }};
}

}  // namespace voltage::app
