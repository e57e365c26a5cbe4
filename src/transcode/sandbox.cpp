#include "transcode/sandbox.h"

#include <fmt/format.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <system_error>
#include <vector>

namespace transcode {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t this_architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t this_architecture = AUDIT_ARCH_AARCH64;
#else
#error "the worker's filter of system calls is not known on this processor"
#endif

// The sanitizers' shadow of the memory is larger than any limit; they look at the signals' stack, and by a
// pipe whether memory is there.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
constexpr std::array also_allowed{__NR_sigaltstack, __NR_pipe2};
#else
constexpr bool sanitized = false;
constexpr std::array<int, 0> also_allowed{};
#endif

constexpr std::array allowed{
    __NR_read,          __NR_write,        __NR_writev,         __NR_close,       __NR_munmap,
    __NR_mremap,        __NR_brk,          __NR_madvise,        __NR_futex,       __NR_exit,
    __NR_exit_group,    __NR_rt_sigreturn, __NR_rt_sigprocmask, __NR_sched_yield, __NR_sched_getaffinity,
    __NR_clock_gettime, __NR_getrandom,    __NR_getpid,         __NR_gettid,      __NR_restart_syscall,
};

// Memory may be mapped and its protection changed, but nothing that can be executed comes of it.
constexpr std::array without_execution{__NR_mmap, __NR_mprotect};

sock_filter load(std::size_t offset) {
    return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}

std::vector<sock_filter> filter() {
    const sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    const sock_filter kill = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    std::vector<sock_filter> program{
        load(offsetof(seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, this_architecture, 1, 0),
        kill,
        load(offsetof(seccomp_data, nr)),
    };
    const auto add = [&](const auto& numbers) {
        for (const int number : numbers) {
            program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(number), 0, 1));
            program.push_back(allow);
        }
    };
    add(allowed);
    add(also_allowed);
    for (const int number : without_execution) {
        program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(number), 0, 4));
        // The low half of the third argument; both processors are little-endian.
        program.push_back(load(offsetof(seccomp_data, args) + 2 * sizeof(std::uint64_t)));
        program.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 1, 0));
        program.push_back(allow);
        program.push_back(kill);
    }
    program.push_back(kill);
    return program;
}

base::Result<> limit(__rlimit_resource resource, rlim_t most) {
    const rlimit bound{most, most};
    if (::setrlimit(resource, &bound) != 0)
        return base::fail(base::ErrorCode::internal,
                          fmt::format("setrlimit: {}", std::generic_category().message(errno)));
    return {};
}

base::Result<> say(int option, unsigned long value) {
    if (::prctl(option, value, 0, 0, 0) != 0)
        return base::fail(base::ErrorCode::internal,
                          fmt::format("prctl {}: {}", option, std::generic_category().message(errno)));
    return {};
}

}  // namespace

base::Result<> limit_resources() {
    ::alarm(static_cast<unsigned>(longest_life.count()));
    // The media threads come first. That this may be refused is no harm.
    [[maybe_unused]] const int niceness = ::nice(10);
    for (const auto& done :
         {say(PR_SET_PDEATHSIG, SIGKILL), say(PR_SET_DUMPABLE, 0), say(PR_SET_NO_NEW_PRIVS, 1),
          limit(RLIMIT_CORE, 0), limit(RLIMIT_FSIZE, 0), limit(RLIMIT_CPU, max_cpu_seconds),
          sanitized ? base::Result<>{} : limit(RLIMIT_AS, max_address_space)})
        if (!done) return done;
    return {};
}

base::Result<> forbid_system_calls() {
    // The kernel counts these limits when something is opened or started, so that they come last.
    for (const auto& done : {sanitized ? base::Result<>{} : limit(RLIMIT_NOFILE, 0), limit(RLIMIT_NPROC, 0)})
        if (!done) return done;
    std::vector<sock_filter> instructions = filter();
    const sock_fprog program{static_cast<unsigned short>(instructions.size()), instructions.data()};
    if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) != 0)
        return base::fail(base::ErrorCode::internal,
                          fmt::format("seccomp: {}", std::generic_category().message(errno)));
    return {};
}

}  // namespace transcode
