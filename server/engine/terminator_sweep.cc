#include <utility>

#include "server/base/clock.h"
#include "server/base/id.h"
#include "server/engine/errors.h"
#include "server/engine/terminator.h"

// What the terminator does for sweeps.
namespace adieu::engine {
std::optional<base::Error> Terminator::EndForSweep(const std::string& call, const SweepTerms& terms,
                                                   TerminateDone done) {
  const std::optional<v1::Call> found = registry_->Find(call);
  if (!found) return CallNotFound(call);
  base::Result<Decision> decision = DecideForSweep(*found, terms);
  if (!decision.ok()) return decision.error();
  decision->termination.set_name("terminations/" + base::NewId());
  Waiter waiter{v1::WAIT_SENT, std::move(done)};
  return Place(*found, std::move(*decision), std::nullopt, &waiter);
}

base::Result<Decision> Terminator::DecideForSweep(const v1::Call& call, const SweepTerms& terms) const {
  base::Result<Decision> decision = decider_->Decide({.call = &call,
                                                      .trigger = v1::TRIGGER_REQUEST,
                                                      .intent = terms.intent,
                                                      .now = registry_->Now(),
                                                      .first = terms.policy},
                                                     nullptr, {});
  if (!decision.ok()) return decision;
  v1::Termination& termination = decision->termination;
  termination.set_sweep(terms.sweep);
  termination.set_note(terms.note);
  termination.set_principal(terms.principal);
  *termination.mutable_request_time() = base::ToTimestamp(std::chrono::system_clock::now());
  return decision;
}

base::Result<v1::Termination> Terminator::ShowForSweep(const std::string& call,
                                                       const SweepTerms& terms) const {
  const std::optional<v1::Call> found = registry_->Find(call);
  if (!found) return CallNotFound(call);
  base::Result<Decision> decision = DecideForSweep(*found, terms);
  if (!decision.ok()) return decision.error();
  v1::Termination& termination = decision->termination;
  for (v1::LegEnding& leg : PlannedLegs(*found, decision->ending)) *termination.add_legs() = std::move(leg);
  return std::move(termination);
}

}  // namespace adieu::engine
