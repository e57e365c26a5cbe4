#include "media/output_status.h"

namespace media {

std::string_view to_string(OutputState state) {
    switch (state) {
        case OutputState::connected:
            return "connected";
        case OutputState::connecting:
            return "connecting";
        case OutputState::disconnected:
            return "disconnected";
        case OutputState::error:
            return "error";
        case OutputState::unknown:
            return "unknown";
    }
    return "unknown";
}

std::string_view to_string(OutputProblem problem) {
    switch (problem) {
        case OutputProblem::none:
            return "none";
        case OutputProblem::waiting_for_encoder:
            return "waiting_for_encoder";
        case OutputProblem::dns_failed:
            return "dns_failed";
        case OutputProblem::address_not_allowed:
            return "address_not_allowed";
        case OutputProblem::connection_refused:
            return "connection_refused";
        case OutputProblem::connection_timed_out:
            return "connection_timed_out";
        case OutputProblem::connection_lost:
            return "connection_lost";
        case OutputProblem::tls_failed:
            return "tls_failed";
        case OutputProblem::handshake_timed_out:
            return "handshake_timed_out";
        case OutputProblem::protocol_error:
            return "protocol_error";
        case OutputProblem::key_refused:
            return "key_refused";
        case OutputProblem::stalled:
            return "stalled";
        case OutputProblem::too_slow:
            return "too_slow";
        case OutputProblem::misconfigured:
            return "misconfigured";
    }
    return "none";
}

}  // namespace media
