#pragma once
// Every command of the binary, one line each; cli.cpp lists them in the order of --help.
#include "app/command.hpp"

namespace voltage::app {

Command add_backfill(CLI::App& root);
Command add_backtest(CLI::App& root);
Command add_bench(CLI::App& root);
Command add_decode(CLI::App& root);
Command add_demo(CLI::App& root);
Command add_guard(CLI::App& root);
Command add_kill(CLI::App& root);
Command add_ledger(CLI::App& root);
Command add_evidence(CLI::App& root);
Command add_ladder(CLI::App& root);
Command add_violations(CLI::App& root);
Command add_models(CLI::App& root);
Command add_nightly(CLI::App& root);
Command add_record(CLI::App& root);
Command add_rekey(CLI::App& root);
Command add_venue(CLI::App& root);
Command add_doctor(CLI::App& root);
Command add_evaluate(CLI::App& root);
Command add_fair(CLI::App& root);
Command add_features(CLI::App& root);
Command add_forecast(CLI::App& root);
Command add_import(CLI::App& root);
Command add_live(CLI::App& root);
Command add_paper(CLI::App& root);
Command add_price(CLI::App& root);
Command add_probe(CLI::App& root);
Command add_replay(CLI::App& root);
Command add_explain(CLI::App& root);
Command add_report(CLI::App& root);
Command add_runs(CLI::App& root);
Command add_seal(CLI::App& root);
Command add_sim(CLI::App& root);
Command add_stress(CLI::App& root);
Command add_control(CLI::App& root);
Command add_digest(CLI::App& root);
Command add_train(CLI::App& root);

}  // namespace voltage::app
