// voltage bench: how fast this program is on this machine.
#include <sys/utsname.h>

#include <cmath>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/bench/benchmark.hpp"
#include "app/commands/commands.hpp"
#include "app/version.hpp"
#include "io/json_writer.hpp"

namespace voltage::app {
namespace {

struct Options {
  bench::Input input;
  std::vector<std::string> names;
  bool json{false}, list{false};
};

struct Done {
  const bench::Benchmark* benchmark;
  Result<bench::Figures> figures;
};

std::string processor() {
  std::ifstream in{"/proc/cpuinfo"};
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

std::string system_name() {
  utsname name{};
  return ::uname(&name) == 0 ? fmt::format("{} {} {}", name.sysname, name.release, name.machine) : "unknown";
}

#if defined(__clang__)
constexpr const char* kCompiler = "clang " __clang_version__;
#else
constexpr const char* kCompiler = "g++ " __VERSION__;
#endif

// Nanoseconds in the unit that a person reads best.
std::string readable(double ns) {
  if (ns < 10'000) return fmt::format("{:.0f} ns", ns);
  return ns < 10e6 ? fmt::format("{:.1f} us", ns * 1e-3) : fmt::format("{:.1f} ms", ns * 1e-6);
}

// A double as JSON: whole ones without a point.
std::string number(double v) {
  return std::isfinite(v)
             ? (v == std::floor(v) && std::abs(v) < 1e15 ? fmt::format("{:.0f}", v) : fmt::format("{:.6g}", v))
             : "null";
}

std::string to_json(const std::vector<Done>& all) {
  io::JsonWriter w;
  w.begin_object().begin_object("machine");
  w.string("processor", processor()).integer("cores", std::thread::hardware_concurrency());
  w.string("system", system_name()).string("compiler", kCompiler).string("commit", commit()).end_object();
  w.begin_array("benchmarks");
  for (const auto& d : all) {
    w.begin_object().string("name", d.benchmark->name).string("what", d.benchmark->what);
    if (d.figures) {
      const auto& f = *d.figures;
      w.string("unit", f.unit).integer("samples", f.samples).integer("batch", f.batch);
      w.raw("p50", number(f.p50)).raw("p99", number(f.p99)).raw("p999", number(f.p999)).raw("max", number(f.max));
      w.raw("rate", number(f.per_second));
      for (const auto& [key, value] : f.extra) w.raw(key, number(value));
    } else {
      w.string("skipped", d.figures.error().message);
    }
    w.end_object();
  }
  w.end_array();
  // What a script asks the tape for stands at the top too.
  for (const auto& d : all) {
    if (std::string_view{d.benchmark->name} != "quotes" || !d.figures) continue;
    for (const auto& [key, value] : d.figures->extra) w.raw(key, number(value));
  }
  return w.end_object().take();
}

Result<std::vector<const bench::Benchmark*>> chosen(const Options& o) {
  std::vector<const bench::Benchmark*> out;
  for (const auto& name : o.names) {
    const bench::Benchmark* found = nullptr;
    for (const auto& b : bench::benchmarks()) found = name == b.name ? &b : found;
    if (found == nullptr) return fail(name + ": no such benchmark; voltage bench --list names them");
    out.push_back(found);
  }
  if (o.names.empty()) {
    for (const auto& b : bench::benchmarks()) out.push_back(&b);
  }
  return out;
}

Result<int> run(const Options& o) {
  if (o.list) {
    for (const auto& b : bench::benchmarks())
      fmt::print("{:<16}{}{}{}\n", b.name, b.what, *b.needs != 0 ? "; needs " : "", b.needs);
    return 0;
  }
  const auto wanted = chosen(o);
  if (!wanted) return tl::unexpected(wanted.error());
  fmt::print("{}, {} cores, {}, {}\n", processor(), std::thread::hardware_concurrency(), kCompiler, system_name());
  fmt::print("{:<16}{:>10}{:>11}{:>11}{:>11}{:>14}\n", "", "p50", "p99", "p99.9", "max", "a second");
  std::vector<Done> all;
  for (const auto* b : *wanted) {
    const bool given =
        *b->needs == 0 || !(std::string_view{b->needs} == "--tape" ? o.input.tape : o.input.model).empty();
    if (!given && o.names.empty()) {
      all.push_back({b, fail(std::string{"needs "} + b->needs)});
      fmt::print("{:<16}skipped: needs {}\n", b->name, b->needs);
      continue;
    }
    all.push_back({b, b->run(o.input)});
    const auto& figures = all.back().figures;
    if (!figures) return fail(std::string{b->name} + ": " + figures.error().message);
    fmt::print("{:<16}{:>10}{:>11}{:>11}{:>11}{:>14.0f}", b->name, readable(figures->p50), readable(figures->p99),
               readable(figures->p999), readable(figures->max), figures->per_second);
    for (const auto& [key, value] : figures->extra) fmt::print("  {} {}", key, number(value));
    fmt::print("\n");
    std::fflush(stdout);
  }
  if (o.json) fmt::print("{}\n", to_json(all));
  return 0;
}

}  // namespace

Command add_bench(CLI::App& root) {
  auto o = std::make_shared<Options>();
  auto* c = root.add_subcommand("bench", "How long each part of the work takes on this machine");
  c->add_option("name", o->names, "benchmarks; default: all");
  c->add_option("--tape", o->input.tape, "for quotes: top-of-book updates, 24 bytes each (docs/BENCHMARKS.md)");
  c->add_option("--model", o->input.model, "for surface: a bundle of voltage train");
  c->add_option("--disk", o->input.disk,
                "a folder on the disk that journal_order measures; default: the temporary one");
  c->add_flag("--quick", o->input.quick, "a tenth of the samples");
  c->add_flag("--list", o->list, "say what there is");
  c->add_flag("--json", o->json, "one JSON object as the last line");
  c->footer(
      "Times are of one call, wall clock. A machine that does other work gives other numbers.\n\n"
      "Examples: voltage bench\n"
      "          voltage bench quotes --tape tape.bin --json");
  return {c, [o] { return run(*o); }};
}

}  // namespace voltage::app
