#include "transcode/libraries.h"

#include <dlfcn.h>
#include <fmt/format.h>

namespace transcode {
namespace {

class Library {
  public:
    Library(const char* name, unsigned version)
        : handle_(::dlopen(fmt::format("lib{}.so.{}", name, version).c_str(), RTLD_NOW | RTLD_LOCAL)) {
        if (handle_ == nullptr) problem_ = ::dlerror();  // NOLINT(concurrency-mt-unsafe): one thread
    }

    template <class Function>
    void find(Function& function, const char* name) {
        if (handle_ == nullptr) return;
        function = reinterpret_cast<Function>(::dlsym(handle_, name));
        if (function == nullptr) problem_ = fmt::format("{} is missing", name);
    }
    const std::string& problem() const { return problem_; }

  private:
    void* handle_;
    std::string problem_;
};

}  // namespace

base::Result<Libraries> load_libraries() {
    Libraries found;
    Library avutil("avutil", LIBAVUTIL_VERSION_MAJOR);
    avutil.find(found.av_log_set_level, "av_log_set_level");
    avutil.find(found.av_mallocz, "av_mallocz");
    avutil.find(found.av_frame_alloc, "av_frame_alloc");
    avutil.find(found.av_frame_free, "av_frame_free");
    avutil.find(found.av_frame_get_buffer, "av_frame_get_buffer");

    Library avcodec("avcodec", LIBAVCODEC_VERSION_MAJOR);
    avcodec.find(found.avcodec_find_decoder_by_name, "avcodec_find_decoder_by_name");
    avcodec.find(found.avcodec_find_encoder, "avcodec_find_encoder");
    avcodec.find(found.avcodec_alloc_context3, "avcodec_alloc_context3");
    avcodec.find(found.avcodec_free_context, "avcodec_free_context");
    avcodec.find(found.avcodec_open2, "avcodec_open2");
    avcodec.find(found.avcodec_send_packet, "avcodec_send_packet");
    avcodec.find(found.avcodec_receive_frame, "avcodec_receive_frame");
    avcodec.find(found.avcodec_send_frame, "avcodec_send_frame");
    avcodec.find(found.avcodec_receive_packet, "avcodec_receive_packet");
    avcodec.find(found.av_packet_alloc, "av_packet_alloc");
    avcodec.find(found.av_packet_free, "av_packet_free");
    avcodec.find(found.av_new_packet, "av_new_packet");

    Library swscale("swscale", LIBSWSCALE_VERSION_MAJOR);
    swscale.find(found.sws_getContext, "sws_getContext");
    swscale.find(found.sws_freeContext, "sws_freeContext");
    swscale.find(found.sws_getCoefficients, "sws_getCoefficients");
    swscale.find(found.sws_setColorspaceDetails, "sws_setColorspaceDetails");
    swscale.find(found.sws_scale, "sws_scale");

    for (const Library* library : {&avutil, &avcodec, &swscale})
        if (!library->problem().empty())
            return base::fail(base::ErrorCode::unavailable,
                              fmt::format("the libraries for thumbnails cannot be loaded: {}. Install the "
                                          "packages libavcodec and libswscale of this system's release",
                                          library->problem()));
    return found;
}

}  // namespace transcode
