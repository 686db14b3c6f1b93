#!/bin/sh
# vmagent sends what it scrapes to Lapwing: the options to add to a vmagent of your own. It may have other
# -remoteWrite.url options beside this one.
#
# vmagent and Lapwing agree on zstd by themselves, which is smaller on the wire than snappy.

# -remoteWrite.flushInterval: the longest that a score lags behind its sample; 1s is vmagent's default.
# -remoteWrite.queues: one connection keeps the samples of a series in order also after a failure.
# -remoteWrite.tmpDataPath: what Lapwing could not take yet waits here.
exec vmagent \
    -promscrape.config=prometheus.yml \
    -remoteWrite.url=http://127.0.0.1:9599/api/v1/write \
    -remoteWrite.flushInterval=1s \
    -remoteWrite.queues=1 \
    -remoteWrite.tmpDataPath=/var/lib/vmagent/lapwing \
    -httpListenAddr=127.0.0.1:8429
