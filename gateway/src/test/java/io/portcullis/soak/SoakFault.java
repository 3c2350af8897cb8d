package io.portcullis.soak;

import java.util.EnumSet;
import java.util.Set;

/** What goes wrong in a run. */
enum SoakFault {
    /** Replies of Redis are cut off after it has carried out what it was asked. */
    REPLIES_CUT,
    /** Commands are cut off before Redis has them whole. */
    COMMANDS_CUT,
    /** One replica's link swallows replies, and says nothing. */
    REPLIES_DROPPED,
    /** One replica's link swallows commands, and says nothing. */
    COMMANDS_DROPPED,
    /** One replica's link is slow. */
    DELAYED,
    /** One replica cannot connect to Redis. */
    REFUSED,
    /** Redis is frozen (SIGSTOP), for longer than a refresh waits. */
    FROZEN,
    /** The same, for a shorter time: it is waited out. */
    STALLED,
    /** Redis is ended in order, and started again with all it had. */
    RESTARTED,
    /** Redis is killed, and comes back without its last writes. */
    CRASHED,
    /** A master is killed whose replicas have not heard of its last writes, and comes back with nothing, as a replica. */
    MASTER_KILLED,
    /** A master is frozen (SIGSTOP) until another took over. */
    MASTER_FROZEN,
    /** The connections of one replica's clients are cut. */
    CLIENTS_CUT;

    /** What there is no other server for. */
    static final Set<SoakFault> OF_ONE_SERVER = EnumSet.complementOf(EnumSet.of(MASTER_KILLED, MASTER_FROZEN));
}
