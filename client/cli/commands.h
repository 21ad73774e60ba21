#pragma once

#include <CLI/App.hpp>

#include "client/cli/session.h"

namespace adieu::cli {

// Each adds one command below `parent`. When it was given, its parser checks it (CLI::ValidationError: exit
// 2) and leaves the work in session.command. `session` outlives `parent`.
void AddCallsList(CLI::App& parent, Session& session);
void AddCallsGet(CLI::App& parent, Session& session);
void AddCallsWatch(CLI::App& parent, Session& session);
void AddCallsTerminate(CLI::App& parent, Session& session);
void AddTerminationsList(CLI::App& parent, Session& session);
void AddSweep(CLI::App& parent, Session& session);
void AddPoliciesList(CLI::App& parent, Session& session);
void AddPoliciesGet(CLI::App& parent, Session& session);
void AddPoliciesApply(CLI::App& parent, Session& session);
void AddPoliciesDelete(CLI::App& parent, Session& session);
void AddPoliciesDiff(CLI::App& parent, Session& session);
void AddPoliciesExplain(CLI::App& parent, Session& session);
void AddHealth(CLI::App& parent, Session& session);

}  // namespace adieu::cli
