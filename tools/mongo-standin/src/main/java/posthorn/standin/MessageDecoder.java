package posthorn.standin;

import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.MongoWireProtocolHandler;
import de.bwaldvogel.mongo.wire.OpCode;
import de.bwaldvogel.mongo.wire.message.ClientRequest;
import de.bwaldvogel.mongo.wire.message.MessageHeader;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.util.ArrayList;
import java.util.List;

/** Takes messages apart as its base class does, but from an array; what is rare is left to that one. */
final class MessageDecoder extends MongoWireProtocolHandler {
    private static final int REQUEST_AT = 4;
    private static final int OPCODE_AT = 12;
    private static final int FLAGS_AT = 16;
    private static final int SECTIONS_AT = 20;
    private static final String INSERTED = "documents";

    @Override
    protected ClientRequest decode(ChannelHandlerContext context, ByteBuf buffer) throws Exception {
        int start = buffer.readerIndex();
        int length = buffer.readableBytes() < SECTIONS_AT ? 0 : buffer.getIntLE(start);
        boolean usual = length > SECTIONS_AT
            && length <= MAX_MESSAGE_SIZE_BYTES
            && length <= buffer.readableBytes()
            && buffer.getIntLE(start + OPCODE_AT) == OpCode.OP_MSG.getId()
            && buffer.getIntLE(start + FLAGS_AT) == 0;
        if (!usual) {
            return super.decode(context, buffer);
        }
        byte[] bytes = new byte[length];
        buffer.readBytes(bytes);
        MessageHeader header = new MessageHeader(length, new BsonReader(bytes, REQUEST_AT).readInt(), 0);
        return new MongoMessage(context.channel(), header, readSections(bytes));
    }

    private static Document readSections(byte[] bytes) {
        BsonReader reader = new BsonReader(bytes, SECTIONS_AT);
        Document body = null;
        Document sequences = new Document();
        while (reader.position() < bytes.length) {
            byte kind = reader.readByte();
            if (kind == MongoMessage.SECTION_KIND_BODY) {
                body = reader.readDocument();
            } else if (kind == MongoMessage.SECTION_KIND_DOCUMENT_SEQUENCE) {
                readSequence(reader, sequences);
            } else {
                throw new IllegalArgumentException("a section of unknown kind " + kind);
            }
        }
        // the command is named by the first field of the body
        body.putAll(sequences);
        return body;
    }

    private static void readSequence(BsonReader reader, Document sequences) {
        int start = reader.position();
        int end = start + reader.readInt();
        String name = reader.readName();
        List<Document> documents = new ArrayList<>();
        while (reader.position() < end) {
            int from = reader.position();
            Document document = reader.readDocument();
            if (name.equals(INSERTED)) {
                Received.keep(document, reader.copyFrom(from));
            }
            documents.add(document);
        }
        sequences.put(name, documents);
    }
}
