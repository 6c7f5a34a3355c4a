#include "capture/channel_reading.h"

#include "capture/fit.h"

namespace chanspect::capture {

ChannelReading parse_channel(Bytes bytes, const go::HchanLayout& layout) {
  using L = go::HchanLayout;
  ChannelReading reading;
  if (bytes.empty()) return reading;
  const go::Structure hchan(bytes, layout);
  reading.readable = true;
  reading.qcount = hchan[&L::qcount];
  reading.dataqsiz = hchan[&L::dataqsiz];
  reading.sendx = hchan[&L::sendx];
  reading.recvx = hchan[&L::recvx];
  reading.lock_key = hchan[&L::lock_key];
  reading.buf = hchan[&L::buf];
  reading.elemtype = hchan[&L::elemtype];
  reading.timer = hchan[&L::timer];
  reading.recvq_first = hchan[&L::recvq_first];
  reading.recvq_last = hchan[&L::recvq_last];
  reading.sendq_first = hchan[&L::sendq_first];
  reading.sendq_last = hchan[&L::sendq_last];
  reading.elemsize = hchan[&L::elemsize];
  reading.closed = hchan[&L::closed] != 0;
  reading.hash = hash_of_channel(bytes, layout);
  return reading;
}

bool same_but_for_arrivals(const ChannelReading& before, const ChannelReading& after) {
  return before.readable && after.readable && !before.locked() && before.qcount == after.qcount &&
         before.dataqsiz == after.dataqsiz && before.sendx == after.sendx &&
         before.recvx == after.recvx && before.closed == after.closed &&
         before.elemtype == after.elemtype && before.buf == after.buf &&
         before.recvq_first == after.recvq_first && before.sendq_first == after.sendq_first;
}

void fill_channel(snapshot::Channel& channel, const ChannelReading& reading) {
  channel.elem_type_address = reading.elemtype;
  channel.buffer = reading.buf;
  channel.length = reading.qcount;
  channel.capacity = reading.dataqsiz;
  channel.send_index = reading.sendx;
  channel.receive_index = reading.recvx;
  channel.lock = reading.lock_key;
  channel.elem_size = reading.elemsize;
  channel.closed = reading.closed;
  channel.timer = reading.timer != 0;
}

}  // namespace chanspect::capture
