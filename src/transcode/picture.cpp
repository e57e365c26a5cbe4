#include "transcode/picture.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "codec/video_config.h"

namespace transcode {
namespace {

// A decoder counts what is coded, whole blocks: a little more than what is shown.
constexpr std::int64_t max_coded_pixels = codec::max_pixels + 64 * 2 * codec::max_dimension;
// The quantizer's scale, best first: about 80 of 100, then what fits.
constexpr int qualities[] = {4, 8, 16, 31};

struct Free {
    const Libraries* libraries = nullptr;
    void operator()(AVCodecContext* context) const { libraries->avcodec_free_context(&context); }
    void operator()(AVFrame* frame) const { libraries->av_frame_free(&frame); }
    void operator()(AVPacket* packet) const { libraries->av_packet_free(&packet); }
    void operator()(SwsContext* scaler) const { libraries->sws_freeContext(scaler); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

// The decoders that we let near a stranger's bytes. FFmpeg's own of AV1 needs hardware.
const char* decoder_name(media::Codec codec) {
    switch (codec) {
        case media::Codec::h264:
            return "h264";
        case media::Codec::hevc:
            return "hevc";
        case media::Codec::av1:
            return "libdav1d";
        case media::Codec::vp9:
            return "vp9";
        default:
            return nullptr;
    }
}

tl::unexpected<base::Error> undecodable() {
    return base::fail(base::ErrorCode::malformed, "the keyframe cannot be decoded");
}

tl::unexpected<base::Error> no_memory() {
    return base::fail(base::ErrorCode::internal, "no memory is left for the picture");
}

base::Result<Owned<AVCodecContext>> open_decoder(const Libraries& av, const WorkerRequest& request) {
    const char* name = decoder_name(request.codec);
    const AVCodec* decoder = name == nullptr ? nullptr : av.avcodec_find_decoder_by_name(name);
    if (decoder == nullptr)
        return base::fail(base::ErrorCode::unsupported, "there is no decoder for this codec");
    Owned<AVCodecContext> context(av.avcodec_alloc_context3(decoder), Free{&av});
    if (!context) return no_memory();
    context->thread_count = 1;
    context->max_pixels = max_coded_pixels;
    // Without it a decoder of AV1 waits for more frames.
    context->flags |= AV_CODEC_FLAG_LOW_DELAY;
    // Where none is allowed, a picture of several slices is taken for damaged. What really is, is marked, and
    // refused below.
    context->error_concealment = FF_EC_DEBLOCK;
    if (!request.config.empty()) {
        context->extradata =
            static_cast<std::uint8_t*>(av.av_mallocz(request.config.size() + AV_INPUT_BUFFER_PADDING_SIZE));
        if (context->extradata == nullptr) return no_memory();
        std::copy(request.config.begin(), request.config.end(), context->extradata);
        context->extradata_size = static_cast<int>(request.config.size());
    }
    if (av.avcodec_open2(context.get(), decoder, nullptr) < 0)
        return base::fail(base::ErrorCode::malformed, "the codec configuration cannot be read");
    return context;
}

base::Result<Owned<AVFrame>> decode(const Libraries& av, const WorkerRequest& request) {
    auto decoder = open_decoder(av, request);
    if (!decoder) return base::fail(std::move(decoder.error()));
    Owned<AVPacket> packet(av.av_packet_alloc(), Free{&av});
    Owned<AVFrame> frame(av.av_frame_alloc(), Free{&av});
    if (!packet || !frame || av.av_new_packet(packet.get(), static_cast<int>(request.keyframe.size())) < 0)
        return no_memory();
    std::copy(request.keyframe.begin(), request.keyframe.end(), packet->data);
    packet->flags |= AV_PKT_FLAG_KEY;
    if (av.avcodec_send_packet(decoder->get(), packet.get()) < 0) return undecodable();
    // No more will come: what is held back for the order of showing comes out.
    av.avcodec_send_packet(decoder->get(), nullptr);
    if (av.avcodec_receive_frame(decoder->get(), frame.get()) < 0) return undecodable();
    if ((frame->flags & AV_FRAME_FLAG_CORRUPT) != 0 || frame->decode_error_flags != 0) return undecodable();
    if (frame->width < 1 || frame->height < 1) return undecodable();
    if (frame->width > codec::max_dimension || frame->height > codec::max_dimension)
        return base::fail(base::ErrorCode::limit_exceeded, "the picture is too large");
    return frame;
}

// As JPEG has it: BT.601, all values used.
base::Result<Owned<AVFrame>> scale(const Libraries& av, const AVFrame& picture) {
    const PictureSize size = fit({picture.width, picture.height}, picture.sample_aspect_ratio.num,
                                 picture.sample_aspect_ratio.den);
    Owned<AVFrame> scaled(av.av_frame_alloc(), Free{&av});
    if (!scaled) return no_memory();
    scaled->format = AV_PIX_FMT_YUVJ420P;
    scaled->width = size.width;
    scaled->height = size.height;
    if (av.av_frame_get_buffer(scaled.get(), 0) < 0) return no_memory();
    const Owned<SwsContext> scaler(
        av.sws_getContext(picture.width, picture.height, static_cast<AVPixelFormat>(picture.format),
                          size.width, size.height, AV_PIX_FMT_YUVJ420P, SWS_AREA, nullptr, nullptr, nullptr),
        Free{&av});
    if (!scaler) return base::fail(base::ErrorCode::unsupported, "the picture's format cannot be scaled");
    // Unspecified means what pictures of that size are made with.
    int matrix = picture.colorspace;
    if (matrix == AVCOL_SPC_UNSPECIFIED)
        matrix = picture.height > 576 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
    constexpr int one = 1 << 16;
    av.sws_setColorspaceDetails(scaler.get(), av.sws_getCoefficients(matrix),
                                picture.color_range == AVCOL_RANGE_JPEG ? 1 : 0,
                                av.sws_getCoefficients(SWS_CS_ITU601), 1, 0, one, one);
    if (av.sws_scale(scaler.get(), picture.data, picture.linesize, 0, picture.height, scaled->data,
                     scaled->linesize) != size.height)
        return base::fail(base::ErrorCode::internal, "the picture could not be scaled");
    return scaled;
}

base::Result<Thumbnail> encode(const Libraries& av, AVFrame& picture, int quality) {
    const AVCodec* encoder = av.avcodec_find_encoder(AV_CODEC_ID_MJPEG);
    if (encoder == nullptr) return base::fail(base::ErrorCode::unsupported, "there is no encoder of JPEG");
    const Owned<AVCodecContext> context(av.avcodec_alloc_context3(encoder), Free{&av});
    const Owned<AVPacket> packet(av.av_packet_alloc(), Free{&av});
    if (!context || !packet) return no_memory();
    context->width = picture.width;
    context->height = picture.height;
    context->pix_fmt = AV_PIX_FMT_YUVJ420P;
    context->color_range = AVCOL_RANGE_JPEG;
    context->time_base = {1, 25};
    context->thread_count = 1;
    context->flags |= AV_CODEC_FLAG_QSCALE;
    context->global_quality = FF_QP2LAMBDA * quality;
    picture.quality = context->global_quality;
    picture.pts = 0;
    if (av.avcodec_open2(context.get(), encoder, nullptr) < 0 ||
        av.avcodec_send_frame(context.get(), &picture) < 0 ||
        av.avcodec_receive_packet(context.get(), packet.get()) < 0)
        return base::fail(base::ErrorCode::internal, "the picture could not be encoded");
    const base::ByteView jpeg(packet->data, static_cast<std::size_t>(packet->size));
    return Thumbnail{std::make_shared<const std::string>(base::as_text(jpeg)), picture.width, picture.height};
}

}  // namespace

PictureSize fit(PictureSize coded, int sample_width, int sample_height) {
    double width = coded.width;
    const double height = coded.height;
    // What no camera makes is taken for a slip.
    if (sample_width > 0 && sample_height > 0 && sample_width <= 8LL * sample_height &&
        sample_height <= 8LL * sample_width)
        width = width * sample_width / sample_height;
    const double factor = std::min({1.0, max_thumbnail_width / width, max_thumbnail_height / height});
    const auto whole = [&](double side, int most) {
        return std::clamp(static_cast<int>(std::lround(side * factor / 2)) * 2, 2, most);
    };
    return {whole(width, max_thumbnail_width), whole(height, max_thumbnail_height)};
}

base::Result<Thumbnail> make_picture(const Libraries& libraries, const WorkerRequest& request) {
    // Cheaper than a decoder, and says more: sizes that are too large among others.
    if (auto config = codec::read_video_config(request.codec, request.config); !config)
        return base::fail(std::move(config.error()));
    auto picture = decode(libraries, request);
    if (!picture) return base::fail(std::move(picture.error()));
    auto scaled = scale(libraries, **picture);
    if (!scaled) return base::fail(std::move(scaled.error()));
    for (const int quality : qualities) {
        auto thumbnail = encode(libraries, **scaled, quality);
        if (!thumbnail || thumbnail->jpeg->size() <= max_jpeg_size) return thumbnail;
    }
    return base::fail(base::ErrorCode::limit_exceeded, "the thumbnail would be too large");
}

}  // namespace transcode
