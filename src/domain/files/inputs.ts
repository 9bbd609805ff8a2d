import { Field, InputType, Int } from 'type-graphql';
import { z } from 'zod';
import { fault, text } from '../../platform/graphql/edge';
import { admitted, FilePurpose } from './model';

@InputType({ description: 'A file that is to be uploaded.' })
export class CreateUploadInput {
  @Field(() => FilePurpose, { description: 'What it is for.' })
  purpose!: FilePurpose;
  @Field({ description: 'Its name; up to 200 characters.' })
  name!: string;
  @Field(() => Int, { description: 'Its size in bytes; exactly so many are taken.' })
  size!: number;
  @Field({ description: 'Its media type, one that its purpose takes, e.g. image/jpeg. The content is checked against it.' })
  mediaType!: string;
}
export const createUpload = z
  .object({ purpose: z.enum(FilePurpose), name: text(1, 200), size: z.number(), mediaType: z.string() })
  .superRefine(({ purpose, size, mediaType }, check) => {
    const { types, mostBytes } = admitted[purpose];
    if (!types.includes(mediaType)) fault(check, 'file.type', { types: types.join(', ') || '–' }, ['mediaType']);
    else if (!Number.isSafeInteger(size) || size < 1 || size > mostBytes) fault(check, 'file.size', { most: mostBytes }, ['size']);
  });
