#include "capture/system_goroutines.h"

namespace chanspect::capture {

SystemGoroutines::Kind SystemGoroutines::kind_of_start(Address startpc) const {
  const auto start = runtime_->functions->find(startpc);
  if (!start || !start->name.starts_with("runtime.")) return Kind::user;
  switch (start->id) {
    case go::FuncId::runtime_main:
    case go::FuncId::handle_async_event:
    case go::FuncId::corostart:
      return Kind::user;
    case go::FuncId::runfinq:
    case go::FuncId::run_cleanups:
      return Kind::system_when_idle;
    default:
      return Kind::system;
  }
}

bool SystemGoroutines::contains(const GFacts& g) {
  const std::uint32_t number = starts_.number_of(g.startpc);
  if (number == kinds_.size()) kinds_.push_back(kind_of_start(g.startpc));
  if (kinds_[number] != Kind::system_when_idle) return kinds_[number] == Kind::system;
  const std::string& reason = runtime_->reason(g.wait_reason).text;
  return g.parked() && (reason == "finalizer wait" || reason == "cleanup wait");
}

}  // namespace chanspect::capture
