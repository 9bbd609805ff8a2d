import { Arg, Ctx, Field, FieldResolver, Mutation, ObjectType, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../../platform/graphql/context';
import { checked } from '../../platform/graphql/edge';
import { Payload } from '../../platform/graphql/payload';
import { UrlScalar } from '../../platform/graphql/scalars';
import { Actor } from '../network/model';
import * as inputs from './inputs';
import { CreateUploadInput } from './inputs';
import { StoredFile } from './model';
import { addressOf, uploadEnds, urlOfFile } from './reads';
import * as service from './service';

@ObjectType({ description: 'Where the content of a file is sent: by an HTTP request of this method with the content as its body and exactly the announced length.', simpleResolvers: true })
class Upload {
  @Field({ description: 'The method, PUT.' })
  method!: string;
  @Field(() => UrlScalar, { description: 'Where to; whoever has it may send the content, once.' })
  url!: string;
  @Field({ description: 'Until when it can be begun.' })
  expiresAt!: Date;
}

@ObjectType({ description: 'The answer of createUpload.', simpleResolvers: true })
class CreateUploadPayload extends Payload {
  @Field(() => StoredFile, { nullable: true, description: 'The file, which is not there yet; null when refused.' })
  file?: StoredFile | null;
  @Field(() => Upload, { nullable: true, description: 'Where its content is sent; null when refused.' })
  upload?: Upload | null;
}

@Resolver(() => StoredFile)
export class FileResolver {
  @FieldResolver(() => Actor, { description: 'Who uploads it.' })
  uploadedBy(@Root() { uploadedByName, uploadedByOrganizationId }: StoredFile): Actor {
    return { displayName: uploadedByName, organizationId: uploadedByOrganizationId };
  }

  @FieldResolver(() => UrlScalar, { nullable: true, description: 'Where it can be read for the next minutes by whoever has the URL; null while it is not there.' })
  url(@Root() file: StoredFile, @Ctx() context: RequestContext): Promise<string | null> {
    return urlOfFile(context, file);
  }

  @Mutation(() => CreateUploadPayload, {
    description: 'Announces a file and answers with the address that its content is sent to, within a quarter of an hour. What is sent is taken when its content is of a type that the purpose takes, and belongs to nothing until another mutation names it. Staff, administrators and the committee. INVALID, NOT_ALLOWED, CAPACITY_EXCEEDED (too many that belong to nothing).',
  })
  async createUpload(
    @Arg('input', () => CreateUploadInput, { description: 'The file.' }) input: CreateUploadInput,
    @Ctx() context: RequestContext,
  ): Promise<Omit<CreateUploadPayload, 'userErrors'>> {
    const asked = checked(inputs.createUpload, input);
    const { file } = await context.write((tx) => service.createUpload(tx, asked));
    const expiresAt = uploadEnds(file.createdAt);
    return { file, upload: { method: 'PUT', url: addressOf(context.platform, file, 'UPLOAD', expiresAt), expiresAt } };
  }
}
