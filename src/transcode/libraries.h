// FFmpeg's libraries, loaded by the worker alone: linked, they and the ninety that they stand on would be in
// the server's memory too, and whatever decodes would be a jump away from it. Their types come from the
// headers, their functions from here. The worker's only thread.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libswscale/swscale.h>
}

#include "base/result.h"

namespace transcode {

struct Libraries {
    decltype(&::av_log_set_level) av_log_set_level = nullptr;
    decltype(&::av_mallocz) av_mallocz = nullptr;
    decltype(&::av_frame_alloc) av_frame_alloc = nullptr;
    decltype(&::av_frame_free) av_frame_free = nullptr;
    decltype(&::av_frame_get_buffer) av_frame_get_buffer = nullptr;

    decltype(&::avcodec_find_decoder_by_name) avcodec_find_decoder_by_name = nullptr;
    decltype(&::avcodec_find_encoder) avcodec_find_encoder = nullptr;
    decltype(&::avcodec_alloc_context3) avcodec_alloc_context3 = nullptr;
    decltype(&::avcodec_free_context) avcodec_free_context = nullptr;
    decltype(&::avcodec_open2) avcodec_open2 = nullptr;
    decltype(&::avcodec_send_packet) avcodec_send_packet = nullptr;
    decltype(&::avcodec_receive_frame) avcodec_receive_frame = nullptr;
    decltype(&::avcodec_send_frame) avcodec_send_frame = nullptr;
    decltype(&::avcodec_receive_packet) avcodec_receive_packet = nullptr;
    decltype(&::av_packet_alloc) av_packet_alloc = nullptr;
    decltype(&::av_packet_free) av_packet_free = nullptr;
    decltype(&::av_new_packet) av_new_packet = nullptr;

    decltype(&::sws_getContext) sws_getContext = nullptr;
    decltype(&::sws_freeContext) sws_freeContext = nullptr;
    decltype(&::sws_getCoefficients) sws_getCoefficients = nullptr;
    decltype(&::sws_setColorspaceDetails) sws_setColorspaceDetails = nullptr;
    decltype(&::sws_scale) sws_scale = nullptr;
};

// Of the versions that we were built with. Stays loaded. Errors: unavailable.
base::Result<Libraries> load_libraries();

}  // namespace transcode
