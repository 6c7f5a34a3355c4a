// The numbers of special functions by release (cmd/internal/objabi/funcid.go,
// internal/abi/symtab.go).

#include <array>

#include "go/pclntab.h"

namespace chanspect::go {
namespace {

using enum FuncId;

constexpr std::array kFrom118 = {
    normal,    abort,  asmcgocall, async_preempt,      cgocallback, debug_call,  gc_bg_mark_worker,
    goexit,    gogo,   gopanic,    handle_async_event, mcall,       morestack,   mstart,
    panicwrap, rt0_go, runfinq,    runtime_main,       sigpanic,    systemstack, systemstack_switch,
    wrapper,
};

constexpr std::array kFrom122 = {
    normal,       abort,
    asmcgocall,   async_preempt,
    cgocallback,  corostart,
    debug_call,   gc_bg_mark_worker,
    goexit,       gogo,
    gopanic,      handle_async_event,
    mcall,        morestack,
    mstart,       panicwrap,
    rt0_go,       runfinq,
    runtime_main, sigpanic,
    systemstack,  systemstack_switch,
    wrapper,
};

constexpr std::array kFrom125 = {
    normal,
    abort,
    asmcgocall,
    async_preempt,
    cgocallback,
    corostart,
    debug_call,
    gc_bg_mark_worker,
    goexit,
    gogo,
    gopanic,
    handle_async_event,
    mcall,
    morestack,
    mstart,
    panicwrap,
    rt0_go,
    runtime_main,
    runfinq,
    run_cleanups,
    sigpanic,
    systemstack,
    systemstack_switch,
    wrapper,
};

template <std::size_t N>
FuncId at(const std::array<FuncId, N>& ids, std::uint8_t number) {
  return number < N ? ids[number] : other;
}

}  // namespace

FuncId func_id(std::uint8_t number, const Release& release) {
  if (release.minor >= 25) return at(kFrom125, number);
  if (release.minor >= 22) return at(kFrom122, number);
  return at(kFrom118, number);
}

}  // namespace chanspect::go
