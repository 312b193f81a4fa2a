package posthorn.standin;

import de.bwaldvogel.mongo.MongoBackend;
import de.bwaldvogel.mongo.wire.MongoDatabaseHandler;
import de.bwaldvogel.mongo.wire.MongoExceptionHandler;
import de.bwaldvogel.mongo.wire.MongoWireMessageEncoder;
import de.bwaldvogel.mongo.wire.MongoWireReplyEncoder;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;

/** Accepts connections, as mongo-java-server's own server does; that one cannot be given another decoder. */
final class Server {
    private final Channel channel;

    private Server(Channel channel) {
        this.channel = channel;
    }

    /** A connection keeps its thread while its command waits for a commit, hence many threads. */
    static Server listen(MongoBackend backend, InetSocketAddress address, int connectionThreads) {
        MultiThreadIoEventLoopGroup accepting = group("accept", 1);
        MultiThreadIoEventLoopGroup serving = group("connection", connectionThreads);
        ChannelGroup open = new DefaultChannelGroup(serving.next());
        ServerBootstrap bootstrap = new ServerBootstrap()
            .group(accepting, serving)
            .channel(NioServerSocketChannel.class)
            .childOption(ChannelOption.TCP_NODELAY, true)
            // a message is copied to an array at once, and answers are short: a pool of buffers gains nothing
            .childOption(ChannelOption.ALLOCATOR, new UnpooledByteBufAllocator(false))
            .childHandler(new ChannelInitializer<SocketChannel>() {
                @Override
                public void initChannel(SocketChannel connection) {
                    connection.pipeline().addLast(
                        new MongoWireReplyEncoder(),
                        new MongoWireMessageEncoder(),
                        new MessageDecoder(),
                        new MongoDatabaseHandler(backend, open),
                        new MongoExceptionHandler());
                }
            });
        return new Server(bootstrap.bind(address).syncUninterruptibly().channel());
    }

    private static MultiThreadIoEventLoopGroup group(String name, int threads) {
        return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name, true), NioIoHandler.newFactory());
    }

    int port() {
        return ((InetSocketAddress) channel.localAddress()).getPort();
    }

    void stopListening() {
        channel.close().syncUninterruptibly();
    }
}
