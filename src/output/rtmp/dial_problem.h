// What a failed dial is called towards people. Pure.
#pragma once

#include "media/output_status.h"
#include "net/dialer.h"

namespace output::rtmp {

inline media::OutputProblem to_problem(net::DialProblem problem) {
    switch (problem) {
        case net::DialProblem::dns_failed:
            return media::OutputProblem::dns_failed;
        case net::DialProblem::address_not_allowed:
            return media::OutputProblem::address_not_allowed;
        case net::DialProblem::refused:
            return media::OutputProblem::connection_refused;
        case net::DialProblem::timed_out:
        case net::DialProblem::unreachable:
            return media::OutputProblem::connection_timed_out;
        case net::DialProblem::tls_failed:
            return media::OutputProblem::tls_failed;
    }
    return media::OutputProblem::connection_lost;
}

}  // namespace output::rtmp
